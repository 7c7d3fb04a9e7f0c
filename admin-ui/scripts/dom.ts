// Small helpers that both bundles use. No HTML strings: the policy of the page forbids them.

/** First match, typed. */
export function $<T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T | null {
  return root.querySelector<T>(selector);
}

/** All matches as an array. */
export function $$<T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T[] {
  return [...root.querySelectorAll<T>(selector)];
}

type Attrs = Record<string, string | boolean | EventListener | undefined>;

/** Makes an element: `el('button', { class: 'btn', onclick: f }, 'Words')`. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K, attrs: Attrs = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) {
    if (typeof value === 'function') node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, '');
    else if (typeof value === 'string') node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** An icon of the sprite that the page names. */
export function icon(name: string, size = ''): SVGSVGElement {
  const template = $<HTMLTemplateElement>('#icon-template');
  const svg = template?.content.firstElementChild?.cloneNode(true) as SVGSVGElement;
  const use = svg.firstElementChild as SVGUseElement;
  use.setAttribute('href', `${use.getAttribute('href')}#i-${name}`);
  if (size) svg.classList.add(size);
  return svg;
}

/** Whether a key press belongs to somebody who types. */
export function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
    && !(target instanceof HTMLInputElement && /^(checkbox|radio|button|submit)$/.test(target.type)));
}

/** Value kept on this device, or null where storage is refused. */
export function kept(key: string): string | null {
  try { return localStorage.getItem(key); } catch { return null; }
}

/** Keeps a value on this device; null forgets it. False when storage is refused or full. */
export function keep(key: string, value: string | null): boolean {
  try {
    if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, value);
    return true;
  } catch { return false; }
}
