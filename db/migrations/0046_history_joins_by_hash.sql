-- The plan of a trigger is made for the first page of a hundred rows and kept: joined by loops, the one statement that
-- counts the updates of 10,000 assets compared each with each, for a minute.
ALTER FUNCTION "record_asset_changes"() SET enable_nestloop = off;--> statement-breakpoint
ALTER FUNCTION "record_asset_changes"() SET jit = off;--> statement-breakpoint
ALTER FUNCTION "record_asset_detail_changes"() SET enable_nestloop = off;--> statement-breakpoint
ALTER FUNCTION "record_asset_detail_changes"() SET jit = off;
