/** What the suites of test/ui have in common: pictures of what was seen, of what failed as well, and VS Code's end. */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach } from "vitest";
import type { Opened } from "./packaged.js";
import { pictures } from "./workbench.js";

/** Takes a picture of the window, or of another page. */
export type TakePicture = (name: string, page?: Page) => Promise<unknown>;

/** For the suite that calls it: a test that fails leaves a picture, and what it opened is closed at its end. */
export function picturesOf(name: string, opened: () => Opened | undefined): TakePicture {
  const folder = pictures(name);
  const picture: TakePicture = async (title, page = opened()?.workbench.page) =>
    page?.screenshot({ path: join(folder, `${title}.png`) });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await picture(`failed-${task.name.replaceAll(/\W+/g, "-").slice(0, 40)}`);
  });
  afterAll(async () => {
    await opened()?.close();
  });
  return picture;
}
