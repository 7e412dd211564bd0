/** "98 %" of the devices that a schedule promises to confirm; a dash where it promises none. Never rounded up to all. */
export const freshText = ({ promised, fresh }: { promised: number; fresh: number }): string =>
  promised === 0 ? "–" : `${Math.floor((100 * fresh) / promised)} %`;
