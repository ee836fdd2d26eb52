/** No call can be made inside a process. */
import type { InjectionRefusal } from "../../core/memlock/injection-refusal.js";

export class InjectionRefused extends Error {
  override readonly name = "InjectionRefused";

  constructor(
    readonly refusal: InjectionRefusal,
    /** What was found: a thread, a state, an error's name. */
    readonly detail: string,
  ) {
    super(detail === "" ? refusal : `${refusal}: ${detail}`);
  }
}
