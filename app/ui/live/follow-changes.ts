import type { Topic } from "@domain/topics";

export interface Follower {
  topics: readonly Topic[];
  onChange(): void;
  /**
   * Called with true when the stream has begun and with false when it is lost: changes are reported only in between.
   */
  onFlow(isFlowing: boolean): void;
}

const followers = new Set<Follower>();
let isFlowing = false;
let stop = () => {};

function setFlowing(flows: boolean): void {
  if (flows === isFlowing) return;
  isFlowing = flows;
  for (const follower of followers) follower.onFlow(flows);
}

/**
 * Reports changes while the page is visible. One stream serves everything on the page. A hidden page has none, because
 * a browser opens at most six connections to a server for all its tabs.
 * @returns a function that stops the reports
 */
export function followChanges(follower: Follower): () => void {
  followers.add(follower);
  if (followers.size === 1) stop = listenInView();
  else follower.onFlow(isFlowing);
  return () => {
    followers.delete(follower);
    if (followers.size === 0) stop();
  };
}

function listenInView(): () => void {
  let source: EventSource | undefined;
  const close = () => {
    source?.close();
    source = undefined;
    setFlowing(false);
  };
  const onVisibility = () => {
    close();
    if (document.visibilityState !== "visible") return;
    source = new EventSource("/changes");
    source.addEventListener("here", () => setFlowing(true));
    source.addEventListener("changed", (event: MessageEvent<string>) => {
      const changed = JSON.parse(event.data) as Topic[];
      for (const { topics, onChange } of followers)
        if (topics.some((topic) => changed.includes(topic))) onChange();
    });
    // The browser opens the stream again.
    source.onerror = () => setFlowing(false);
  };
  onVisibility();
  document.addEventListener("visibilitychange", onVisibility);
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    close();
  };
}
