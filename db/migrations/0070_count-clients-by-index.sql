DROP INDEX "asset_list_client_idx";--> statement-breakpoint
CREATE INDEX "asset_list_client_idx" ON "asset_list" USING btree ("tenant_id","client_id","status","name_key" collate "C","asset_id");