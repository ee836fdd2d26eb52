/** What could not be done, as one sentence with the next step in it. The command line prints it and exits 2. */
export class UserError extends Error {
  override readonly name = "UserError";
}
