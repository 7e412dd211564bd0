/** @type {import('@remix-run/dev').AppConfig} */
export default {
  appDirectory: "app",
  serverModuleFormat: "esm",
  serverPlatform: "node",
  postcss: true,
  tailwind: false,
  ignoredRouteFiles: ["**/.*", "**/*.test.{ts,tsx}"],
  // The primitives of app/ui on one page, in development builds alone.
  routes: (defineRoutes) =>
    defineRoutes((route) => {
      if (process.env.NODE_ENV === "development") route("dev/ui", "dev/ui.tsx");
    }),
  watchPaths: ["./db/**/*.ts", "./domain/**/*.ts", "./inngest/**/*.ts"],
  future: {
    v3_fetcherPersist: true,
    v3_relativeSplatPath: true,
    v3_throwAbortReason: true,
    v3_lazyRouteDiscovery: false,
    // Off on purpose: single fetch decodes with turbo-stream 2, see docs/security.md.
    v3_singleFetch: false,
  },
};
