/** symbolize FILE: reads addresses from stdin and prints their functions, lines and inlined calls, as llvm-symbolizer does. */
import { readFileSync } from "node:fs";
import { openImageFile } from "../../src/host/images.js";

const opened = openImageFile(process.argv[2] ?? "");
if (!opened.ok) throw new Error(opened.message);
const text = readFileSync(0, "utf8")
  .trim()
  .split("\n")
  .map((address) =>
    opened.image
      .framesAt(Number(address))
      .map((frame) => `${frame.function}\n${frame.file}:${frame.line}:${frame.column}\n`)
      .join(""),
  );
process.stdout.write(`${text.join("\n")}\n`);
