/** What a person must know of something that was placed, as one sentence with the next step. */
import type { SourceHint } from "../placement/source-answer.js";
import { printable } from "./printable.js";
import type { Translate } from "./translate.js";

export function sourceHintText(hint: SourceHint, name: string, translate: Translate): string {
  switch (hint) {
    case "inlined-calls":
      return translate(
        "{0} is inline: what gcc inlines of it lies in the functions that call it; place those, too, or take its inline away.",
        printable(name),
      );
  }
}
