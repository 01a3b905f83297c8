export interface TracedActivities {
  check(): Promise<string>;
  route(): Promise<string>;
}
