/** What can be done about a refusal from inside the editor. */
import { MACHINE_LEVEL } from "../../core/report/container-remedies.js";
import { remedies } from "../../core/report/refusals.js";
import type { Translate } from "../../core/report/translate.js";
import type { Refusal } from "../../core/trace/refusal.js";

export interface RefusalAction {
  /** Of the button. */
  readonly label: string;
  readonly kind:
    /** The same trace again, its recorder run by sudo. */
    | "elevate"
    /** A command, for a terminal here. */
    | "terminal"
    /** Text that belongs elsewhere: on the host, in a container's options. */
    | "copy"
    /** Text for devcontainer.json. */
    | "devcontainer";
  /** Empty where the kind says all. */
  readonly text: string;
}

/** The least lasting first; at most one of each label. */
export function refusalActions(refusal: Refusal, translate: Translate): readonly RefusalAction[] {
  const confined = refusal.container !== undefined && MACHINE_LEVEL.has(refusal.container);
  const actions = remedies(refusal, translate).flatMap(({ command, lasts }): RefusalAction[] => {
    if (command === undefined) return [];
    switch (lasts) {
      case "this-trace":
        return isElevation(command, refusal) ? [{ label: translate("Run Elevated"), kind: "elevate", text: "" }] : [];
      case "this-container":
        return [{ label: translate("Copy the Container's Options"), kind: "copy", text: command }];
      case "until-reboot":
      case "for-good":
        if (command.startsWith('"runArgs"')) {
          return [{ label: translate("Open devcontainer.json"), kind: "devcontainer", text: command }];
        }
        return [lastingAction(command, lasts, confined, refusal, translate)];
    }
  });
  return actions.filter(({ label }, index) => actions.findIndex((one) => one.label === label) === index);
}

function lastingAction(
  text: string,
  lasts: "until-reboot" | "for-good",
  confined: boolean,
  { code }: Refusal,
  translate: Translate,
): RefusalAction {
  // The machine's settings cannot be changed from inside a container.
  if (confined || !text.includes("sudo ")) {
    const label = lasts === "for-good" ? translate("Copy for Good") : translate("Copy the Host's Command");
    return { label, kind: "copy", text };
  }
  const lowers = code === "paranoid" || code === "kernel-mode";
  const once = lowers ? translate("Lower the Setting Until Reboot") : translate("Until Reboot");
  return { label: lasts === "for-good" ? translate("For Good") : once, kind: "terminal", text };
}

/** The recorder's own command through sudo, and not one that also changes something else. */
function isElevation(command: string, { invocation }: Refusal): boolean {
  return command.startsWith("sudo ") && !command.startsWith("sudo prlimit") && invocation.length > 0;
}
