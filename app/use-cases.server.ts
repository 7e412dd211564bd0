/**
 * What routes may have done, in one place: the compiler keeps `.server` modules out of the browser's bundle, and the
 * use cases themselves know neither Remix nor its names.
 */
export { levelWebhookReader } from "./integrations/levelio/webhook-reader";
export { acknowledgeAlert, acknowledgeAlerts, MAX_PICKED } from "./sync/alerts/acknowledge";
export { resolveAlert } from "./sync/alerts/resolve";
export { addAsset } from "./sync/assets/add-asset";
export { keepAssetsApart, mergeAssets, undoMerge } from "./sync/assets/merge-assets";
export { editAsset } from "./sync/assets/edit-asset";
export { followField, settleDifferences } from "./sync/assets/settle-differences";
export { cancelSync } from "./sync/cancel-sync";
export { checkSetup, testConnection } from "./sync/check-setup";
export { applyDryRun } from "./sync/apply-dry-run";
export { decideHeld } from "./sync/decide-held";
export { linkDevices } from "./sync/link-device";
export { connect } from "./sync/connect";
export { changeSettings, knowsDevice, resumeSchedule } from "./sync/connection-settings";
export { disconnect } from "./sync/disconnect";
export { saveMapping } from "./sync/mapping";
export { retryNotification, saveRecipients, sendTestMail } from "./sync/notify/settings";
export {
  changeSubscription,
  pauseSubscription,
  renewSigningSecret,
} from "./sync/outgoing/change-subscription";
export { testSubscription } from "./sync/outgoing/test-subscription";
export { replayOutgoing, subscribe, unsubscribe } from "./sync/outgoing/subscriptions";
export { previewWanted } from "./sync/preview-wanted";
export { retryFailed } from "./sync/retry-failed/retry-failed";
export { revealWebhookSecret, rotateWebhookSecret } from "./sync/secrets";
export { startSync as requestSync } from "./sync/start-sync";
export { MAX_REPLAYS, replayDeliveries, replayDelivery } from "./sync/webhook/replay";
export { sendTestDelivery } from "./sync/webhook/send-test";
