/** What stands between us and the kernel: a container, a service's filter, a sandbox. Read from the machine, never guessed from errors. */
import { existsSync, readFileSync } from "node:fs";
import type { ContainerKind } from "../core/trace/refusal.js";

export interface Surroundings {
  readonly container: ContainerKind | undefined;
  /** Name of the systemd service we run in, where that is what filters us. */
  readonly unit: string | undefined;
  /** Whether a seccomp filter is in force (mode 2 of /proc/self/status). */
  readonly filtered: boolean;
}

/** The files and variables this is told from; tests pass their own. */
export interface Evidence {
  readonly exists: (path: string) => boolean;
  /** Text of the file, "" where it cannot be read. */
  readonly read: (path: string) => string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const MACHINE: Evidence = { exists: existsSync, read: textOf, environment: process.env };

export function surroundings(evidence: Evidence = MACHINE): Surroundings {
  const filtered = /^Seccomp:\s*2$/m.test(evidence.read("/proc/self/status"));
  const unit = serviceOf(evidence.read("/proc/self/cgroup"));
  const container = containerOf(evidence) ?? (filtered && unit !== undefined ? "systemd-service" : undefined);
  return { container, unit: container === "systemd-service" ? unit : undefined, filtered };
}

function containerOf({ exists, read, environment }: Evidence): ContainerKind | undefined {
  const version = read("/proc/version");
  // gVisor answers with this fixed version; WSL 1 names Microsoft but is no Linux kernel (WSL 2 says "microsoft-standard").
  if (/^Linux version 4\.4\.0 #1 SMP Sun Jan 10 15:06:54 PST 2016/.test(version)) return "gvisor";
  if (/Microsoft/.test(version) && !/WSL2|microsoft-standard/.test(version)) return "wsl1";
  if (exists("/.flatpak-info")) return "flatpak";
  if (environment["REMOTE_CONTAINERS"] !== undefined || environment["CODESPACES"] !== undefined) return "devcontainer";
  if (environment["KUBERNETES_SERVICE_HOST"] !== undefined) return "kubernetes";
  if (exists("/run/secrets/kubernetes.io")) return "kubernetes";
  const cgroup = read("/proc/1/cgroup");
  if (/kubepods/.test(cgroup)) return "kubernetes";
  if (exists("/run/.containerenv") || /libpod/.test(cgroup)) return "podman";
  if (exists("/.dockerenv") || /\/docker[/-]/.test(cgroup)) return "docker";
  return managerOf(read("/run/systemd/container").trim()) ?? (/\/lxc[./]/.test(cgroup) ? "lxc" : undefined);
}

/** systemd's names for container managers: systemd-detect-virt(1). */
function managerOf(name: string): ContainerKind | undefined {
  if (name === "") return undefined;
  if (name.startsWith("lxc")) return "lxc";
  if (name === "docker" || name === "podman" || name === "systemd-nspawn") return name;
  return "other";
}

/** A service's cgroup ends in ".service"; sessions of users end in ".scope" or belong to user@UID.service. */
function serviceOf(cgroup: string): string | undefined {
  const name = /^(?:0:|\d+:name=systemd):\/(.*)$/m.exec(cgroup)?.[1]?.split("/").at(-1);
  return name !== undefined && name.endsWith(".service") && !name.startsWith("user@") ? name : undefined;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // Not there or not ours to read: no evidence.
  }
}
