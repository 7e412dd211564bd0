import { createContext, useContext } from "react";

/** The nonce of this response. Empty in the browser, which returns an empty text for a nonce attribute too. */
const NonceContext = createContext("");

export const NonceProvider = NonceContext.Provider;

/** The nonce of the page's content security policy, for inline scripts. */
export const useNonce = () => useContext(NonceContext);
