/**
 * The share of devices that were confirmed in time, among those whose schedule promises it: "98 %". Rounded down, so
 * that less than all is never "100 %"; a dash if no schedule promises any.
 */
export const freshText = ({ promised, fresh }: { promised: number; fresh: number }): string =>
  promised === 0 ? "–" : `${Math.floor((100 * fresh) / promised)} %`;
