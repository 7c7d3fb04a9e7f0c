// Makes the component that runs a plugin.js: node build.mjs OUT.wasm
import { componentize } from "componentize-qjs";
import { readFile, writeFile } from "node:fs/promises";

const here = new URL(".", import.meta.url);
const { component } = await componentize({
  witPath: new URL("../wit/plugin.wit", here).pathname,
  world: "runner",
  jsSource: await readFile(new URL("runner.js", here), "utf8"),
  sync: true,
  stubWasi: true,
});
await writeFile(process.argv[2], component);
