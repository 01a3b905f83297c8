/** Makes the compiler prove that a switch covers every case; throws when data from outside got past the types. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
