/** What a person answers when a program is traced for the first time. */
import type { Opened } from "./packaged.js";

const TRACE_MS = 40_000;

/** Answers what is asked before a first trace, until it is shown. */
export async function agree(
  { workbench }: Opened,
  asked: (question: string) => Promise<unknown> = async () => undefined,
): Promise<void> {
  const { page, choices } = workbench;
  const shown = page.locator(".editor-actions .codicon-map"); // Its button is there with a trace.
  const dialog = page.locator(".monaco-dialog-box .dialog-buttons .monaco-button:not(.secondary)").first();
  const deadline = Date.now() + TRACE_MS;
  while (Date.now() < deadline) {
    const next = await Promise.race([
      shown
        .first()
        .waitFor({ timeout: TRACE_MS })
        .then(() => "shown" as const),
      dialog.waitFor({ timeout: TRACE_MS }).then(() => "dialog" as const),
      choices
        .first()
        .waitFor({ timeout: TRACE_MS })
        .then(() => "choices" as const),
    ]);
    if (next === "shown") return;
    await asked(next);
    if (next === "dialog") await dialog.click();
    else await page.keyboard.press("Enter");
    await (next === "dialog" ? dialog : choices.first()).waitFor({ state: "hidden" });
  }
  throw new Error("no trace was shown");
}
