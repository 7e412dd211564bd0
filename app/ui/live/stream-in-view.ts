export interface Stream {
  url: string;
  /** Handlers by kind of event; `end` closes the stream for good. */
  on: Record<string, (event: MessageEvent<string>, end: () => void) => void>;
  /** The stream is silent: lost (it reconnects automatically) or closed. */
  onSilence(): void;
}

/**
 * Listens to a stream of server-sent events while the page is in view: a browser keeps few connections to one server,
 * and those of pages behind would be missing.
 * @param begin called whenever the stream is opened
 * @returns ends it
 */
export function listenInView(begin: () => Stream): () => void {
  let close = () => {};
  const open = () => {
    const { url, on, onSilence } = begin();
    const source = new EventSource(url);
    for (const [name, act] of Object.entries(on))
      source.addEventListener(name, (event: MessageEvent<string>) => act(event, () => source.close()));
    source.onerror = onSilence;
    close = () => {
      source.close();
      onSilence();
    };
  };
  const onVisibility = () => {
    close();
    if (document.visibilityState === "visible") open();
  };
  onVisibility();
  document.addEventListener("visibilitychange", onVisibility);
  return () => {
    document.removeEventListener("visibilitychange", onVisibility);
    close();
  };
}
