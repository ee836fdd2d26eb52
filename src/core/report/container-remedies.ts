/** The exact option that lets perf events into a container, a pod, a service or a sandbox. */
import type { ContainerKind, Refusal } from "../trace/refusal.js";
import { shellWords, type Remedy } from "./remedies.js";
import type { Translate } from "./translate.js";

/** Those that cannot change the machine's settings from inside. */
export const MACHINE_LEVEL: ReadonlySet<ContainerKind> = new Set<ContainerKind>([
  "docker",
  "podman",
  "devcontainer",
  "kubernetes",
  "lxc",
  "systemd-nspawn",
  "flatpak",
  "other",
]);

/** The container in a sentence, with its article. */
export function containerName(refusal: Refusal, translate: Translate): string {
  switch (refusal.container) {
    case "docker":
      return translate("this Docker container");
    case "podman":
      return translate("this Podman container");
    case "devcontainer":
      return translate("this development container");
    case "kubernetes":
      return translate("this Kubernetes pod");
    case "lxc":
      return translate("this LXC container");
    case "systemd-nspawn":
      return translate("this systemd-nspawn container");
    case "systemd-service":
      return translate("the service {0}", refusal.unit ?? "?");
    case "flatpak":
      return translate("this Flatpak sandbox");
    case "gvisor":
    case "wsl1":
    case "other":
    case undefined:
      return translate("this container");
  }
}

/** How it must be started for perf events; where only one way is known, that one. */
export function containerRemedies(refusal: Refusal, translate: Translate): Remedy[] {
  const option = options(refusal);
  const restart = translate("Start the container with");
  switch (refusal.container) {
    case "docker":
      return [
        ...(option.filter
          ? [
              {
                title: translate("Start the container with (Docker 23 or newer; its filter stays on)"),
                command: ["docker run", "--cap-add=PERFMON", ...option.ptrace, "…"].join(" "),
                lasts: "this-container" as const,
              },
            ]
          : []),
        { title: restart, command: ["docker run", ...option.all, "…"].join(" "), lasts: "this-container" },
      ];
    case "podman":
      return [{ title: restart, command: ["podman run", ...option.all, "…"].join(" "), lasts: "this-container" }];
    case "devcontainer":
      return [
        {
          title: translate("In devcontainer.json, then rebuild the container"),
          command: `"runArgs": [${option.all.map((word) => `"${word.replace(" ", "=")}"`).join(", ")}]`,
          lasts: "for-good",
        },
      ];
    case "kubernetes":
      return [
        {
          title: translate("In the container's specification"),
          command: `securityContext: { ${kubernetes(refusal, option).join(", ")} }`,
          lasts: "for-good",
        },
      ];
    case "lxc":
      return [
        {
          title: translate("On the host, in the container's configuration"),
          command: "lxc.seccomp.profile =",
          lasts: "for-good",
        },
        {
          title: translate("On the host, with Incus or LXD (there: lxc config set)"),
          command: "incus config set NAME raw.lxc 'lxc.seccomp.profile ='",
          lasts: "for-good",
        },
      ];
    case "systemd-nspawn":
      return [
        {
          title: restart,
          command: "systemd-nspawn --system-call-filter=perf_event_open --capability=CAP_PERFMON …",
          lasts: "this-container",
        },
      ];
    case "systemd-service":
      return [service("/run", "until-reboot", refusal, translate), service("/etc", "for-good", refusal, translate)];
    case "flatpak":
      return [
        {
          title: translate("Outside the sandbox"),
          command: `flatpak-spawn --host ${shellWords(refusal.invocation)}`,
          lasts: "this-trace",
        },
      ];
    case "gvisor":
    case "wsl1":
    case "other":
    case undefined:
      return [];
  }
}

interface Options {
  /** Whether the filter is what refuses. */
  readonly filter: boolean;
  readonly capability: boolean;
  readonly ptrace: readonly string[];
  /** What is needed, for docker and podman. */
  readonly all: readonly string[];
}

/**
 * Without the filter the machine's level still counts: from 3 on (Ubuntu's default) only a capability helps. Reading
 * another user's process needs CAP_SYS_PTRACE.
 */
function options(refusal: Refusal): Options {
  const filter = refusal.code === "seccomp" || refusal.code === "ptrace";
  const capability = !filter || (refusal.code === "seccomp" && (refusal.paranoid ?? 2) >= 3);
  const ptrace = refusal.pid !== undefined || refusal.code === "ptrace" ? ["--cap-add=SYS_PTRACE"] : [];
  const all = [
    ...(filter ? ["--security-opt seccomp=unconfined"] : []),
    ...(capability ? ["--cap-add=PERFMON"] : []),
    ...ptrace,
  ];
  return { filter: refusal.code === "seccomp", capability, ptrace, all };
}

function kubernetes(refusal: Refusal, option: Options): string[] {
  const capabilities = [...(option.capability ? ["PERFMON"] : []), ...(option.ptrace.length > 0 ? ["SYS_PTRACE"] : [])];
  return [
    ...(refusal.code === "seccomp" || refusal.code === "ptrace" ? ["seccompProfile: { type: Unconfined }"] : []),
    ...(capabilities.length > 0 ? [`capabilities: { add: [${capabilities.join(", ")}] }`] : []),
  ];
}

function service(
  root: "/run" | "/etc",
  lasts: "until-reboot" | "for-good",
  refusal: Refusal,
  translate: Translate,
): Remedy {
  const unit = shellWords([refusal.unit ?? "NAME.service"]);
  const folder = `${root}/systemd/system/${unit}.d`;
  const text = "'[Service]\\nSystemCallFilter=perf_event_open\\n'";
  return {
    title: root === "/run" ? translate("Until the machine restarts") : translate("For good"),
    command: `sudo mkdir -p ${folder} && printf ${text} | sudo tee ${folder}/perf.conf && sudo systemctl daemon-reload && sudo systemctl restart ${unit}`,
    lasts,
  };
}
