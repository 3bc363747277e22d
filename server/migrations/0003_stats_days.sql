-- What the statistics are made of, by person and day (UTC, days since 1970). Triggers keep it, so that no commit counts
-- rows again. A download that is deleted for its age stays counted.
CREATE TABLE stats_days (
    person_id TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    day INTEGER NOT NULL,
    favorites INTEGER NOT NULL DEFAULT 0, -- added on this day and not removed
    orders INTEGER NOT NULL DEFAULT 0,    -- paid on this day
    spent INTEGER NOT NULL DEFAULT 0,     -- the totals of these orders
    downloads INTEGER NOT NULL DEFAULT 0, -- requested on this day
    quota INTEGER NOT NULL DEFAULT 0,     -- those of them that neither failed nor were cancelled
    PRIMARY KEY (person_id, day)
) STRICT, WITHOUT ROWID;

INSERT INTO stats_days (person_id, day, favorites, orders, spent, downloads, quota)
SELECT person_id, day, sum(favorites), sum(orders), sum(spent), sum(downloads), sum(quota) FROM (
    SELECT person_id, added_ms / 86400000 AS day, 1 AS favorites, 0 AS orders, 0 AS spent, 0 AS downloads, 0 AS quota
    FROM favorites
    UNION ALL SELECT person_id, paid_ms / 86400000, 0, 1, total, 0, 0 FROM orders WHERE paid_ms IS NOT NULL
    UNION ALL SELECT person_id, created_ms / 86400000, 0, 0, 0, 1, status NOT IN ('failed', 'cancelled') FROM downloads
) GROUP BY person_id, day;

CREATE TRIGGER favorite_added AFTER INSERT ON favorites BEGIN
    INSERT INTO stats_days (person_id, day, favorites) VALUES (new.person_id, new.added_ms / 86400000, 1)
    ON CONFLICT (person_id, day) DO UPDATE SET favorites = favorites + 1;
END;
CREATE TRIGGER favorite_removed AFTER DELETE ON favorites BEGIN
    UPDATE stats_days SET favorites = favorites - 1
    WHERE person_id = old.person_id AND day = old.added_ms / 86400000;
END;

CREATE TRIGGER order_created_paid AFTER INSERT ON orders WHEN new.paid_ms IS NOT NULL BEGIN
    INSERT INTO stats_days (person_id, day, orders, spent)
    VALUES (new.person_id, new.paid_ms / 86400000, 1, new.total)
    ON CONFLICT (person_id, day) DO UPDATE SET orders = orders + 1, spent = spent + excluded.spent;
END;
CREATE TRIGGER order_no_longer_paid AFTER UPDATE OF paid_ms ON orders
WHEN old.paid_ms IS NOT NULL AND new.paid_ms IS NOT old.paid_ms BEGIN
    UPDATE stats_days SET orders = orders - 1, spent = spent - old.total
    WHERE person_id = old.person_id AND day = old.paid_ms / 86400000;
END;
CREATE TRIGGER order_paid AFTER UPDATE OF paid_ms ON orders
WHEN new.paid_ms IS NOT NULL AND new.paid_ms IS NOT old.paid_ms BEGIN
    INSERT INTO stats_days (person_id, day, orders, spent)
    VALUES (new.person_id, new.paid_ms / 86400000, 1, new.total)
    ON CONFLICT (person_id, day) DO UPDATE SET orders = orders + 1, spent = spent + excluded.spent;
END;

CREATE TRIGGER download_requested AFTER INSERT ON downloads BEGIN
    INSERT INTO stats_days (person_id, day, downloads, quota)
    VALUES (new.person_id, new.created_ms / 86400000, 1, new.status NOT IN ('failed', 'cancelled'))
    ON CONFLICT (person_id, day) DO UPDATE SET downloads = downloads + 1, quota = quota + excluded.quota;
END;
CREATE TRIGGER download_returned AFTER UPDATE OF status ON downloads
WHEN (new.status IN ('failed', 'cancelled')) <> (old.status IN ('failed', 'cancelled')) BEGIN
    UPDATE stats_days SET quota = quota + (new.status NOT IN ('failed', 'cancelled')) - (old.status NOT IN ('failed', 'cancelled'))
    WHERE person_id = new.person_id AND day = new.created_ms / 86400000;
END;
