/** What a workspace folder chose to run, and what of it was shown and allowed: kept by VS Code, nowhere in the workspace. */
import { listOf, objectOf, textOf } from "../../core/base/json-fields.js";
import type { ProgramChoice } from "./program.js";

/** What `vscode.Memento` is to us. */
export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

export interface RememberedChoice {
  choice(folder: string): ProgramChoice | undefined;
  choose(folder: string, choice: ProgramChoice): PromiseLike<void>;
  /** Whether exactly this was shown before it was run. */
  isAllowed(folder: string, fingerprint: string): boolean;
  allow(folder: string, fingerprint: string): PromiseLike<void>;
}

export function rememberedChoice(memory: Memory): RememberedChoice {
  return {
    choice: (folder) => decodeChoice(memory.get(`${CHOICE}${folder}`)),
    choose: (folder, choice) => memory.update(`${CHOICE}${folder}`, choice),
    isAllowed: (folder, fingerprint) => listOf(memory.get(`${ALLOWED}${folder}`)).includes(fingerprint),
    allow: (folder, fingerprint) => {
      const others = listOf(memory.get(`${ALLOWED}${folder}`)).filter((one) => one !== fingerprint);
      return memory.update(`${ALLOWED}${folder}`, [...others, fingerprint].slice(-MOST_ALLOWED));
    },
  };
}

const CHOICE = "faultline.choice:";
const ALLOWED = "faultline.allowed:";
/** Enough to go back and forth between a few programs without being asked again. */
const MOST_ALLOWED = 20;

function decodeChoice(value: unknown): ProgramChoice | undefined {
  const fields = objectOf(value);
  const kind = textOf(fields?.["kind"]);
  const name = textOf(fields?.["name"]);
  const path = textOf(fields?.["path"]);
  switch (kind) {
    case "project":
    case "cmake":
      return { kind };
    case "launch":
    case "task":
      return name === undefined ? undefined : { kind, name };
    case "file":
      return path === undefined
        ? undefined
        : { kind, path, args: listOf(fields?.["args"]).flatMap((word) => textOf(word) ?? []) };
    default:
      return undefined;
  }
}
