/** Metrics that others define and our dashboards and alerts use: the Temporal SDK in workers, and Prometheus itself. */
export const FOREIGN_METRICS = {
  temporal_workflow_task_schedule_to_start_latency_seconds: 'How long workflow tasks waited for a worker',
  temporal_workflow_task_execution_latency_seconds: 'How long workers worked on a workflow task',
  temporal_workflow_task_execution_failed: 'Workflow tasks that ended in a fault, by `failure_reason`',
  temporal_workflow_completed: 'Workflows that completed',
  temporal_activity_schedule_to_start_latency_seconds: 'How long activities waited for a worker',
  temporal_request_latency_seconds: 'Calls of a worker to the Temporal server, by `operation`',
  temporal_worker_task_slots_available: 'Free slots of a worker, by `worker_type`',
  temporal_worker_task_slots_used: 'Slots of a worker in use, by `worker_type`',
  temporal_sticky_cache_size: 'Workflows that a worker holds in memory',
  temporal_sticky_cache_hit: 'Workflow tasks whose workflow was in memory',
  temporal_sticky_cache_miss: 'Workflow tasks whose workflow had to be replayed',
  up: 'Prometheus: 1 while it can read the target',
} as const;
