// What the licences of the packages in the bundles ask for: their names and texts.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The text that has to go with bundles that esbuild made, by their metafiles. `root` has the node_modules. */
export function thirdPartyNotices(root, metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const folders = new Set(inputs.flatMap((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []));
  const texts = [...folders].sort().map((folder) => notice(join(root, folder)));
  return `Faultline contains the following packages.\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`;
}

function notice(folder) {
  const { name, version, license, author, homepage } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[sc]e(\.\w+)?$/i.test(entry));
  const by = typeof author === "object" ? author.name : author;
  const head = [`${name} ${version}`, by, homepage, license].filter((part) => part !== undefined).join(", ");
  return `${head}\n${file === undefined ? "" : `\n${readFileSync(join(folder, file), "utf8").trim()}\n`}`;
}
