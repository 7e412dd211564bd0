/** What the running test says it will cause on console.error or console.warn. */
const expected: RegExp[] = [];

/** Lets lines that match pass in the running test; every other line still fails it. */
export function expectConsole(pattern: RegExp): void {
  expected.push(pattern);
}

export function isExpectedConsole(text: string): boolean {
  return expected.some((pattern) => pattern.test(text));
}

export function forgetExpectedConsole(): void {
  expected.length = 0;
}
