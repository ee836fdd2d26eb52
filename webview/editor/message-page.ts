/** What is shown instead of a picture: a sentence, and what can be done. */
import { printable } from "../../src/core/report/printable.js";
import { element } from "../map/elements.js";

export function showMessage(parent: HTMLElement, sentence: string, ...actions: readonly HTMLElement[]): void {
  parent.replaceChildren(
    element(
      "div",
      { class: "message", role: "status" },
      element("p", {}, printable(sentence)),
      actions.length > 0 ? element("div", { class: "actions" }, ...actions) : undefined,
    ),
  );
}
