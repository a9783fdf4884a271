/** Campaigns: many traces on one back-end, by several workers, until the time is over. */
export { runCampaign } from './campaign.js';
export type { Campaign } from './collector.js';
export type { CampaignOptions } from './options.js';
