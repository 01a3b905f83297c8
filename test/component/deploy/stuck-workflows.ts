/** An order workflow whose first task fails for ever: what a careless change can do to every new order. */
export async function order(): Promise<never> {
  await Promise.resolve();
  throw new TypeError('this build cannot even begin');
}
