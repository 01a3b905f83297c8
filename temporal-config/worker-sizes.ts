import type { WorkerOptions } from '@temporalio/worker';

/**
 * Slots, pollers and caches of the workers, sized for two cores that also run the servers. What was measured, and what
 * made no difference, is in docs/performance.md.
 */
export const ORDER_WORKER_SIZE: Partial<WorkerOptions> = {
  maxCachedWorkflows: 500,
  maxConcurrentWorkflowTaskExecutions: 40,
  maxConcurrentWorkflowTaskPolls: 8,
  maxConcurrentActivityTaskExecutions: 50,
  maxConcurrentActivityTaskPolls: 2,
  maxConcurrentLocalActivityExecutions: 200,
  stickyQueueScheduleToStartTimeout: '5s',
};

/** A gateway mostly waits for its venue. */
export const EXECUTION_WORKER_SIZE: Partial<WorkerOptions> = {
  maxConcurrentActivityTaskExecutions: 100,
  maxConcurrentActivityTaskPolls: 2,
};
