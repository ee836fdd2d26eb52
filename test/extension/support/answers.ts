/** Answers what the extension asks: no person is there, and VS Code shows no dialogs to tests. */
import * as vscode from "vscode";

export interface Answers {
  /** The item to choose of a quick pick; by default its first. */
  pick?(labels: readonly string[]): number | undefined;
  /** The items to choose of a quick pick that takes several; by default none. */
  pickMany?(labels: readonly string[]): readonly number[];
  /** The button to press below a message; by default none. */
  press?(message: string, buttons: readonly string[]): string | undefined;
}

export interface Asked {
  /** Everything that was asked or told, in order. */
  readonly messages: readonly string[];
  readonly picks: readonly (readonly string[])[];
  /** VS Code's own way of asking, again. */
  restore(): void;
}

interface Item {
  readonly label: string;
  readonly kind?: vscode.QuickPickItemKind;
}

const MESSAGES = ["showInformationMessage", "showWarningMessage", "showErrorMessage"] as const;

/** From now on. What it replaces belongs to this extension alone: each has a `vscode` of its own. */
export function answering(answers: Answers): Asked {
  const messages: string[] = [];
  const picks: string[][] = [];
  const window = vscode.window as unknown as Record<string, unknown>;
  const before = Object.fromEntries([...MESSAGES, "showQuickPick"].map((name) => [name, window[name]]));
  for (const name of MESSAGES) {
    window[name] = (message: string, ...rest: readonly unknown[]) => {
      const items = rest.filter((item) => typeof item === "string" || titleOf(item) !== undefined);
      const detail = rest.map((item) => (item as { detail?: string } | undefined)?.detail).find((text) => text);
      const text = detail === undefined ? message : `${message}\n${detail}`;
      messages.push(text);
      const pressed = answers.press?.(
        text,
        items.map((item) => titleOf(item) ?? String(item)),
      );
      return Promise.resolve(items.find((item) => (titleOf(item) ?? item) === pressed));
    };
  }
  window["showQuickPick"] = async (
    given: readonly (Item | string)[] | Promise<readonly (Item | string)[]>,
    options?: vscode.QuickPickOptions,
  ) => {
    const items = (await given).filter(
      (item) => typeof item === "string" || item.kind !== vscode.QuickPickItemKind.Separator,
    );
    const labels = items.map((item) => (typeof item === "string" ? item : item.label));
    picks.push(labels);
    if (options?.canPickMany === true) return (answers.pickMany?.(labels) ?? []).map((at) => items[at]);
    const index = answers.pick === undefined ? 0 : answers.pick(labels);
    return index === undefined ? undefined : items[index];
  };
  const restore = () => void Object.assign(window, before);
  return { messages, picks, restore };
}

function titleOf(item: unknown): string | undefined {
  return typeof item === "object" && item !== null && "title" in item && typeof item.title === "string"
    ? item.title
    : undefined;
}
