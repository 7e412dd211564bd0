ALTER TABLE "incidents" ADD COLUMN "search_text" text GENERATED ALWAYS AS (fold_text(name || E'\n' || coalesce(device, ''))) STORED;
