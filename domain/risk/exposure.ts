export type { ExposureContribution } from '../order/exposure';
