/** Preload of every process that runs workflows, relative to the root of a tree or a build: see the file. */
export const WORKFLOW_THREAD = 'observability/workflow-thread.cjs';
