/** What the views ask a person: one of a few, or a part of a name. */
import * as vscode from "vscode";

/** One of the choices; the present one is marked. */
export async function pick<Choice extends string>(
  placeHolder: string,
  choices: readonly Choice[],
  present: Choice,
  nameOf: (choice: Choice) => string,
): Promise<Choice | undefined> {
  const items = choices.map((choice) => ({
    label: nameOf(choice),
    iconPath: new vscode.ThemeIcon(choice === present ? "check" : "blank"),
    choice,
  }));
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.choice;
}

/** Follows what is typed; Escape brings back what was there before. */
export function askFilter(before: string, apply: (filter: string) => void): void {
  const input = vscode.window.createInputBox();
  let pending: ReturnType<typeof setTimeout> | undefined;
  let applied = before;
  const settle = (filter: string) => {
    clearTimeout(pending);
    if (filter !== applied) apply(filter);
    applied = filter;
  };
  let accepted = false;
  input.title = vscode.l10n.t("Filter Faults");
  input.placeholder = vscode.l10n.t("Part of a function, object, file, section or address; empty shows everything");
  input.value = before;
  input.onDidChangeValue((typed) => {
    clearTimeout(pending);
    pending = setTimeout(() => settle(typed), TYPING_PAUSE_MS);
  });
  input.onDidAccept(() => {
    accepted = true;
    settle(input.value);
    input.hide();
  });
  input.onDidHide(() => {
    if (!accepted) settle(before);
    input.dispose();
  });
  input.show();
}

const TYPING_PAUSE_MS = 150;
