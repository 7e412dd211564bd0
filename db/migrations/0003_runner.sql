CREATE SCHEMA "runner";
--> statement-breakpoint
CREATE SEQUENCE "runner"."step_order" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "runner"."crons" (
	"function_id" text NOT NULL,
	"expression" text NOT NULL,
	"fired_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "crons_function_id_expression_pk" PRIMARY KEY("function_id","expression")
);
--> statement-breakpoint
CREATE TABLE "runner"."lease" (
	"name" text PRIMARY KEY NOT NULL,
	"token" uuid,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "lease_token" UNIQUE("token")
);
--> statement-breakpoint
CREATE TABLE "runner"."runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"function_id" text NOT NULL,
	"status" text NOT NULL,
	"event" text NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone,
	"concurrency_keys" text[] NOT NULL,
	"singleton_key" text,
	"debounce_key" text,
	"debounce_until" timestamp (3) with time zone,
	"parent_run_id" uuid,
	"parent_step_id" text,
	"wakes" integer DEFAULT 0 NOT NULL,
	"result" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"started_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "runner"."seen_keys" (
	"scope" text NOT NULL,
	"key" text NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "seen_keys_scope_key_pk" PRIMARY KEY("scope","key")
);
--> statement-breakpoint
CREATE TABLE "runner"."steps" (
	"run_id" uuid NOT NULL,
	"step_id" text NOT NULL,
	"name" text NOT NULL,
	"state" text NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone,
	"result" text,
	"ordinal" bigint,
	CONSTRAINT "steps_run_id_step_id_pk" PRIMARY KEY("run_id","step_id")
);
--> statement-breakpoint
ALTER TABLE "runner"."steps" ADD CONSTRAINT "steps_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "runner"."runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "runs_due" ON "runner"."runs" USING btree ("due_at","id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "runs_of_function" ON "runner"."runs" USING btree ("function_id") WHERE ended_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "runs_singleton" ON "runner"."runs" USING btree ("function_id","singleton_key") WHERE status in ('queued', 'running') and singleton_key is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "runs_debounce" ON "runner"."runs" USING btree ("function_id","debounce_key") WHERE status = 'debounced';--> statement-breakpoint
CREATE INDEX "runs_ended" ON "runner"."runs" USING btree ("ended_at") WHERE ended_at is not null;--> statement-breakpoint
CREATE INDEX "seen_keys_seen_at" ON "runner"."seen_keys" USING btree ("seen_at");