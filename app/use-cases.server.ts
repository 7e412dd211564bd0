/**
 * What routes may have done, in one place: the compiler keeps `.server` modules out of the browser's bundle, and the
 * use cases themselves know neither Remix nor its names.
 */
export { levelWebhookReader } from "./integrations/levelio/webhook-reader";
export { acknowledgeAlert } from "./sync/alerts/acknowledge";
export { resolveAlert } from "./sync/alerts/resolve";
export { checkSetup, testConnection } from "./sync/check-setup";
export { confirmHeldDevices } from "./sync/conclude";
export { connect } from "./sync/connect";
export { changeSettings, knowsDevice, resumeSchedule } from "./sync/connection-settings";
export { disconnect } from "./sync/disconnect";
export { saveMapping } from "./sync/mapping";
export { replayOutgoing, subscribe, unsubscribe } from "./sync/outgoing/subscriptions";
export { previewWanted } from "./sync/preview-wanted";
export { retryFailed } from "./sync/retry-failed/retry-failed";
export { cancelSync } from "./sync/request-sync";
export { revealWebhookSecret, rotateWebhookSecret } from "./sync/secrets";
export { startSync as requestSync } from "./sync/start-sync";
export { MAX_REPLAYS, replayDeliveries, replayDelivery } from "./sync/webhook/replay";
export { sendTestDelivery } from "./sync/webhook/send-test";
