/** Types of asked-early.cjs, which threads load before anything else. */
export const LISTENS: string;

interface SandboxedWorkflow {
  workflowModule: { concludeActivation(): object };
  activate(activation: never): Promise<object>;
}

export function tellWhatIsAsked(
  Workflow: { prototype: SandboxedWorkflow },
  port: { postMessage(message: unknown): void },
): void;
