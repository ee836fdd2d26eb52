/** Opens the process that makes calls inside a target. */
import { UserError } from "../host/user-error.js";
import type { Injection } from "../recorder/campaign/injection.js";

export function injectionInto(pid: number): Promise<Injection> {
  throw new UserError(`Nothing can be done inside process ${pid}.`);
}
