import { createServer, type Server } from "node:http";
import { DatabaseSync } from "node:sqlite";

import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { html } from "hono/html";

const ECHOED = Buffer.alloc(2_048, "x");

/** Answers 2 KiB of text, whatever is asked: as little work as an HTTP server of Node can have. */
export function echo(): Server {
  return createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/plain", "content-length": ECHOED.length }).end(ECHOED);
  });
}

const [CATEGORIES, PRODUCTS, REVIEWS] = [100, 10_000, 50_000] as const;

/** A shop's products and reviews, in SQLite. */
function stock(): DatabaseSync {
  const database = new DatabaseSync(":memory:");
  database.exec(`
    CREATE TABLE product (id INTEGER PRIMARY KEY, category INTEGER NOT NULL, name TEXT NOT NULL, cents INTEGER NOT NULL);
    CREATE TABLE review (id INTEGER PRIMARY KEY, product INTEGER NOT NULL, stars INTEGER NOT NULL);
    CREATE INDEX product_by_category ON product (category);
    CREATE INDEX review_by_product ON review (product);
    BEGIN`);
  const product = database.prepare("INSERT INTO product (category, name, cents) VALUES (?, ?, ?)");
  for (let i = 0; i < PRODUCTS; i++) product.run(i % CATEGORIES, `Product ${String(i)}`, 99 + ((i * 37) % 9_900));
  const review = database.prepare("INSERT INTO review (product, stars) VALUES (?, ?)");
  for (let i = 0; i < REVIEWS; i++) review.run(1 + (i % PRODUCTS), 1 + (i % 5));
  database.exec("COMMIT");
  return database;
}

/**
 * A shop as users deploy one: a page of a category, of which one query of SQLite gives the twenty best rated products, rendered as HTML by
 * hono.
 */
export function shop(): Server {
  const best = stock().prepare(`
    SELECT product.id, name, cents, count(*) AS reviews, avg(stars) AS stars
    FROM product JOIN review ON review.product = product.id
    WHERE category = ? GROUP BY product.id ORDER BY stars DESC, name LIMIT 20`);
  const app = new Hono();
  app.get("/categories/:category", (context) => {
    const rows = best
      .all(Number(context.req.param("category")))
      .map(
        ({ id, name, cents, reviews, stars }) =>
          html`<li>
            <a href="/products/${String(id)}">${String(name)}</a> ${(Number(cents) / 100).toFixed(2)} EUR,
            ${Number(stars).toFixed(1)} of ${String(reviews)} reviews
          </li>`,
      );
    return context.html(
      html`<!doctype html><title>Shop</title>
        <ul>
          ${rows}
        </ul>`,
    );
  });
  return createAdaptorServer(app) as Server;
}
