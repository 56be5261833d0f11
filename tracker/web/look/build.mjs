// Compiles the look into build/look: one stylesheet, the design systems' scripts, and the images the stylesheet names.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..", "..");
const modules = join(root, "node_modules");
const out = join(root, "build", "look");

const SCRIPTS = [
  "govuk-frontend/dist/govuk/govuk-frontend.min.js",
  "@ministryofjustice/frontend/moj/moj-frontend.min.js",
  "accessible-autocomplete/dist/accessible-autocomplete.min.js",
];
const IMAGES = ["govuk-frontend/dist/govuk/assets/images", "@ministryofjustice/frontend/moj/assets/images"];

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "images"), { recursive: true });

// A map that is not copied would make collectstatic fail, so nothing may point to one.
const withoutMap = (text) => text.replace(/\/\/# sourceMappingURL=.*\s*$/, "").replace(/\/\*# sourceMappingURL=.*?\*\//g, "");

const { css } = sass.compile(join(here, "tracker.scss"), {
  style: "compressed",
  loadPaths: [root, modules],
  quietDeps: true,
});
const autocomplete = readFileSync(join(modules, "accessible-autocomplete/dist/accessible-autocomplete.min.css"), "utf8");
// Sass marks UTF-8 by a character that would spoil the first rule of what is not the start of a file.
writeFileSync(join(out, "tracker.css"), `${withoutMap(autocomplete)}\n${css.replace(/^\uFEFF/, "")}`);

for (const [, name] of css.matchAll(/url\("?images\/([\w.-]+)"?\)/g)) {
  const source = IMAGES.map((folder) => join(modules, folder, name)).find(existsSync);
  if (!source) throw new Error(`The stylesheet names images/${name}, which neither design system has.`);
  copyFileSync(source, join(out, "images", name));
}

for (const script of SCRIPTS) {
  writeFileSync(join(out, script.split("/").at(-1)), withoutMap(readFileSync(join(modules, script), "utf8")));
}
