/** The node that a translator or an extension shows in place of a text that React has rendered. */
const standIns = new WeakMap<Node, ChildNode>();

/** The element that replaces a removed text, in the same change of the page or in the one before. */
function standInOf({ addedNodes, previousSibling, nextSibling }: MutationRecord): ChildNode | undefined {
  const beside = [previousSibling, nextSibling].filter((node) => node?.nodeName === "FONT");
  return [...addedNodes, ...beside].find((node) => node instanceof Element);
}

/** The node in the page that represents `node`, if `parent` contains it. */
const present = (parent: Node, node: Node): Node =>
  node.parentNode !== parent && standIns.get(node)?.parentNode === parent ? standIns.get(node)! : node;

/**
 * Lets React continue if a translator or an extension has replaced its texts with elements (`<font>`, in Chrome). React
 * keeps the removed text node: otherwise its changes to that node would never appear, and removing it would throw and
 * blank the page. When React changes a text, the text node returns to the page, where the translator can translate it
 * again; when React removes a text, its replacement goes too. Call it once, before React renders.
 */
export function followReplacedTexts(): void {
  const observer = new MutationObserver((records) => {
    for (const record of records) {
      if (record.type === "characterData") {
        standIns.get(record.target)?.replaceWith(record.target);
        standIns.delete(record.target);
        continue;
      }
      const standIn = standInOf(record);
      for (const removed of record.removedNodes) {
        if (standIn === undefined || !(removed instanceof Text) || removed.isConnected) continue;
        standIns.set(removed, standIn);
        observer.observe(removed, { characterData: true });
      }
    }
  });
  observer.observe(document, { childList: true, subtree: true });

  const { insertBefore, removeChild } = Node.prototype;
  Node.prototype.removeChild = function <T extends Node>(this: Node, child: T): T {
    removeChild.call(this, present(this, child));
    return child;
  };
  Node.prototype.insertBefore = function <T extends Node>(this: Node, node: T, before: Node | null): T {
    return insertBefore.call(this, node, before && present(this, before)) as T;
  };
}
