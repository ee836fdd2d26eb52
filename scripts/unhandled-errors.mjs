// Fails the run for errors outside of tests, but for one: a progress report of a worker that came late.
// Tests wait for real programs, some with a blocked event loop, and on a busy machine for longer than vitest waits
// (60 s); the results themselves do come.
export default class UnhandledErrors {
  onTestRunEnd(_modules, errors) {
    if (errors.some(({ message }) => !/Timeout calling "onTaskUpdate"/.test(String(message)))) process.exitCode = 1;
  }
}
