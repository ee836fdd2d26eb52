/** The ways to a permission that hold on any machine: elevated, by sysctl, by a limit. */
import type { Refusal } from "../trace/refusal.js";
import type { Translate } from "./translate.js";

export interface Remedy {
  /** How long it holds, or where it is done. */
  readonly title: string;
  /** To be pasted as it is; an ellipsis stands for what was there before. */
  readonly command?: string;
  readonly lasts: "this-trace" | "this-container" | "until-reboot" | "for-good";
}

/** The same command through sudo: only the recorder becomes root. */
export function elevated(refusal: Refusal, translate: Translate): Remedy {
  return {
    title: translate("For this trace only (the program itself still runs as you)"),
    command: `sudo ${shellWords(refusal.invocation)}`,
    lasts: "this-trace",
  };
}

/** A kernel setting, until the next start and for good. */
export function lasting(key: string, value: number, translate: Translate, where: "here" | "host" = "here"): Remedy[] {
  const set = `sudo sysctl ${key}=${value}`;
  return [
    {
      title: where === "here" ? translate("Until the machine restarts") : translate("On the host, until it restarts"),
      command: set,
      lasts: "until-reboot",
    },
    {
      title: where === "here" ? translate("For good") : translate("On the host, for good"),
      command: `echo '${key} = ${value}' | sudo tee ${SYSCTL_FILE} && sudo sysctl --system`,
      lasts: "for-good",
    },
  ];
}

export function filesRemedies(refusal: Refusal, translate: Translate): Remedy[] {
  const hard = refusal.openFiles?.hard ?? 0;
  const wanted = Math.max(RAISED_FILES, refusal.openFiles?.soft === undefined ? 0 : refusal.openFiles.soft * 4);
  const command = shellWords(refusal.invocation);
  const enough = hard >= wanted;
  return [
    {
      title: translate("For this trace only"),
      command: enough
        ? `prlimit --nofile=${wanted} ${command}`
        : `sudo prlimit --nofile=${wanted}:${wanted} ${command}`,
      lasts: "this-trace",
    },
    {
      title: translate("For good (from your next login on)"),
      command: `echo '* - nofile ${wanted}' | sudo tee /etc/security/limits.d/99-faultline.conf`,
      lasts: "for-good",
    },
  ];
}

/** Data pages a ring may have by itself: a power of two, next to its one header page. */
export function ringFit(refusal: Refusal): number {
  const pages = Math.floor(((refusal.mlockKb ?? 0) * 1024) / refusal.pageSize) - 1;
  return pages < 1 ? 0 : 2 ** Math.floor(Math.log2(pages));
}

export function ringRemedies(refusal: Refusal, translate: Translate): Remedy[] {
  const { ringPages = 0, pageSize } = refusal;
  const fit = ringFit(refusal);
  const smaller = fit < ringPages ? fit : Math.floor(ringPages / 2);
  const kilobytes = Math.ceil(((ringPages + 1) * pageSize * (fit < ringPages ? 1 : 2)) / 1024);
  return [
    ...(smaller < 1
      ? []
      : [{ title: translate("With a smaller ring: add --ring {0}", smaller), lasts: "this-trace" as const }]),
    elevated(refusal, translate),
    ...lasting("kernel.perf_event_mlock_kb", kilobytes, translate),
  ];
}

/** Words as a POSIX shell reads them back. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}

/** Late in the order of sysctl.d(5), so that the distribution's own file does not win. */
const SYSCTL_FILE = "/etc/sysctl.d/99-faultline.conf";
/** Events × processors × threads of a large process. */
const RAISED_FILES = 65_536;
