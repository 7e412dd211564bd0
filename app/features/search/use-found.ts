import { useEffect, useState } from "react";

import { foldText } from "@domain/text";

import { foundKinds, type SearchHit, type SearchResult } from "./search-result";

/** The state of a search, and its matches. */
export interface Found {
  state: "idle" | "searching" | "found" | "failed" | "signedOut";
  hits: SearchResult;
}

/** Milliseconds without typing before the request, so that a fast typist causes a single one. */
const PAUSE_MS = 120;

const nothing: SearchResult = { clients: [], assets: [], alerts: [], groups: [], runs: [] };

/**
 * Asks the server for the records that match a text, and aborts the request if the text changes. Until the answer
 * arrives, shows those of the previous matches that contain the new text.
 * @param attempt asks again if the number changes
 */
export function useFound(text: string, attempt: number): Found {
  const asked = `${attempt} ${text}`;
  const [answer, setAnswer] = useState<Found & { asked: string }>({
    state: "idle",
    hits: nothing,
    asked: "",
  });
  useEffect(() => {
    if (text === "") return;
    const stop = new AbortController();
    const ask = async () => {
      try {
        const response = await fetch(`/search?q=${encodeURIComponent(text)}`, {
          headers: { Accept: "application/json" },
          signal: stop.signal,
        });
        if (response.ok) setAnswer({ state: "found", hits: (await response.json()) as SearchResult, asked });
        else setAnswer({ state: response.status === 401 ? "signedOut" : "failed", hits: nothing, asked });
      } catch {
        if (!stop.signal.aborted) setAnswer({ state: "failed", hits: nothing, asked });
      }
    };
    const pause = setTimeout(() => void ask(), PAUSE_MS);
    return () => {
      clearTimeout(pause);
      stop.abort();
    };
  }, [text, asked]);
  if (text === "") return { state: "idle", hits: nothing };
  if (answer.asked === asked) return answer;
  return { state: "searching", hits: hitsWith(answer.hits, text) };
}

function hitsWith(hits: SearchResult, text: string): SearchResult {
  const wanted = foldText(text);
  const fits = ({ title, detail }: SearchHit) => foldText(`${title} ${detail}`).includes(wanted);
  return Object.fromEntries(foundKinds.map((kind) => [kind, hits[kind].filter(fits)])) as SearchResult;
}
