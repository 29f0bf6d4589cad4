// Builds the page template that Python fills: one HTML file with the program and its styles inside.
// `node build.mjs` writes it into the package; `node build.mjs --verify` only compares.
import { readFileSync, readdirSync, writeFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "../src/cellwright/report/page.html");
const notices = join(here, "LICENSES.txt");

/** Dependencies of maplibre-gl that its own bundle does not contain: read by its command line only. */
const LEFT_OUT = ["@mapbox/jsonlint-lines-primitives"];

/** The licence text of every package whose code ends up in the page, in the order of names. */
function licences(modules) {
  const names = new Set();
  for (const id of modules) {
    const found = id.split("/node_modules/").pop().match(/^(@[^/]+\/[^/]+|[^/]+)\//);
    if (id.includes("/node_modules/") && found) names.add(found[1]);
  }
  // maplibre-gl ships its own dependencies already bundled, so they are named through its manifest
  for (const name of [...names]) {
    const manifest = JSON.parse(readFileSync(join(here, "node_modules", name, "package.json")));
    for (const part of Object.keys(manifest.dependencies ?? {}))
      if (!part.startsWith("@types/") && !LEFT_OUT.includes(part)) names.add(part);
  }
  return [...names].sort().map(notice).join("\n");
}

function notice(name) {
  const folder = join(here, "node_modules", name);
  if (!existsSync(folder)) throw new Error(`${name} is bundled but not installed`);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json")));
  const file = readdirSync(folder).sort().find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : licenceInReadme(folder, name);
  const rule = "=".repeat(72);
  return `${rule}\n${name} ${manifest.version} (${manifest.license})\n${rule}\n${text}\n`;
}

/** Some packages keep their licence at the end of the readme. */
function licenceInReadme(folder, name) {
  const found = readFileSync(join(folder, "README.md"), "utf8").match(/^#+ *licen[cs]e[^]*$/im);
  if (!found) throw new Error(`${name} is bundled, but says nowhere under which licence`);
  return found[0].trim();
}

const result = await build({
  root: here,
  configFile: false,
  logLevel: "warn",
  define: { "process.env.NODE_ENV": '"production"' },
  build: {
    write: false,
    minify: true,
    target: "es2022",
    modulePreload: false,
    lib: { entry: join(here, "src/main.ts"), formats: ["iife"], name: "cellwrightPage" },
  },
});
const output = (Array.isArray(result) ? result[0] : result).output;
const chunk = output.find((part) => part.type === "chunk");
const styles = output.find((part) => part.fileName.endsWith(".css"));
const text = licences(chunk.moduleIds).replace(/\r\n/g, "\n");
const script = chunk.code.replace(/<\/script/gi, "<\\/script").trim();
const fill = { STYLE: String(styles.source).trim(), SCRIPT: script, NOTICE: text.replaceAll("-->", "-- >") };
const page = readFileSync(join(here, "src/template.html"), "utf8").replace(
  /%(STYLE|SCRIPT|NOTICE)%/g,
  (_, mark) => fill[mark],
);

const same = (path, content) => existsSync(path) && readFileSync(path, "utf8") === content;
if (process.argv.includes("--verify")) {
  const stale = [[target, page], [notices, text]].filter(([path, content]) => !same(path, content));
  for (const [path] of stale) console.error(`${path} is not what the source builds: run npm run build`);
  process.exit(stale.length ? 1 : 0);
}
writeFileSync(target, page);
writeFileSync(notices, text);
console.log(`page.html ${(page.length / 1e6).toFixed(2)} MB`);
