import { redirect } from "@remix-run/node";

import { open } from "~/auth/guard.server";
import { safePath } from "~/platform/http/form.server";
import { themes, writeTheme } from "~/platform/http/preferences.server";

export const loader = /* @__PURE__ */ open("nothing to see: the address takes a form", async () =>
  redirect("/"),
);

export const action = /* @__PURE__ */ open(
  "a preference of this browser, kept in its cookie",
  async ({ form }) => {
    const theme = themes.find((name) => name === form.get("theme")) ?? "system";
    const next = form.get("next");
    return redirect(safePath(typeof next === "string" ? next : null), {
      status: 303,
      headers: { "Set-Cookie": await writeTheme(theme) },
    });
  },
);
