/** A recording in the workbench that goes on for as long as a test wants to look at it. */
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { compileSupport } from "./faultline.js";
import type { Opened } from "./packaged.js";

/** Pages the program touches in a second: as many faults. */
export const BEATS_A_SECOND = 20;

/** Traces a program that touches a page at each beat: what is asked before it is answered. */
export async function traceSteady({ workbench, folder }: Opened, seconds: number): Promise<void> {
  const program = compileSupport("steady", join(folder, "build"));
  const project = { program: `build/${basename(program)}`, arguments: [String(seconds)] };
  writeFileSync(join(folder, "faultline.json"), JSON.stringify(project));
  const { page, choices, command } = workbench;
  await command("Faultline: Trace Page Faults");
  await choices.filter({ hasText: "steady" }).first().click();
  await page.locator(".monaco-dialog-box").getByRole("button", { name: "Trace" }).click();
}
