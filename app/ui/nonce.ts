import { createContext, useContext } from "react";

/** The nonce of this response. Empty in the browser, where reading a nonce attribute gives the empty text too. */
const NonceContext = createContext("");

export const NonceProvider = NonceContext.Provider;

/** The nonce of the page's content security policy, for inline scripts. */
export const useNonce = () => useContext(NonceContext);
