// How long an entry takes to read, and what is in it. A model to copy: one hook, a few settings, no capability.

const WORDS = {
  en: { minutes: (n) => `${n} min read`, contents: "Contents" },
  de: { minutes: (n) => `${n} Min. Lesezeit`, contents: "Inhalt" },
  es: { minutes: (n) => `${n} min de lectura`, contents: "Contenido" },
  fr: { minutes: (n) => `${n} min de lecture`, contents: "Sommaire" },
  nl: { minutes: (n) => `${n} min. leestijd`, contents: "Inhoud" },
  sv: { minutes: (n) => `${n} min läsning`, contents: "Innehåll" },
};

// Headings as a tree: each level is a list inside the line above it.
function list(headings, words) {
  const first = Math.min(...headings.map((heading) => heading.level));
  let html = "";
  let depth = 0;
  for (const heading of headings) {
    const level = Math.min(heading.level - first + 1, depth + 1);
    html += level > depth ? "<ol>" : "</li>" + "</ol></li>".repeat(depth - level);
    depth = level;
    html += `<li><a href="#${freehold.escape(heading.id)}">${freehold.escape(heading.text)}</a>`;
  }
  html += "</li></ol>".repeat(depth);
  return `<nav class="contents" aria-label="${words.contents}"><p><strong>${words.contents}</strong></p>${html}</nav>`;
}

freehold.on("entry.render", (entry) => {
  const settings = freehold.settings;
  if (entry.type !== "post" && !settings.pages) return null;
  const words = WORDS[entry.locale.split("-")[0]] ?? WORDS.en;
  const minutes = Math.max(1, Math.round(entry.words / settings.words));
  const above = `<p class="reading-time"><small>${words.minutes(minutes)}</small></p>`;
  const headings = entry.headings.filter((heading) => heading.id && heading.text);
  const contents = settings.contents && headings.length >= settings.least ? list(headings, words) : "";
  return above + contents + entry.html;
});
