// Walks through the shop once, with a client whose types come from ../openapi.yaml. In this folder, while the shop runs:
//
//     npm ci && npm run build && npm run smoke http://localhost:8000
//
// It creates or replaces the product the_odyssey, orders it, and at the end deletes the order and the product.

import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./shop.js";

const shop = createClient<paths>({ baseUrl: process.argv[2] ?? "http://localhost:8000" });
const odyssey: components["schemas"]["NewProduct"] = {
  id: "the_odyssey",
  title: "The Odyssey",
  passenger_capacity: 101,
  maximum_speed: 5,
  in_stock: 10,
};
const product = { path: { id: odyssey.id } };

type Answer<T> = { data?: T; error?: { error: string; message: string }; response: Response };

function got<T>({ data, error, response }: Answer<T>): T {
  if (data === undefined) throw new Error(`${response.url}: ${response.status} ${error?.message ?? "no body"}`);
  return data;
}

function check(condition: boolean, what: string) {
  if (!condition) throw new Error(`not so: ${what}`);
  console.log(what);
}

got(await shop.POST("/products", { body: odyssey }));
check(got(await shop.GET("/products/{id}", { params: product })).in_stock === 10, "the product is there");

// Sent twice with one key, as after a lost answer.
const key = { "Idempotency-Key": randomUUID() };
const body = { order_details: [{ product_id: odyssey.id, price: "100000.99", quantity: 1 }] };
const { id } = got(await shop.POST("/orders", { params: { header: key }, body }));
const again = got(await shop.POST("/orders", { params: { header: key }, body }));
check(again.id === id, "the order is created once");

const order = { path: { id } };
const detail = got(await shop.GET("/orders/{id}", { params: order })).order_details[0];
check(detail?.price === "100000.99" && detail.product?.in_stock === 9, "it shows its product, one less in stock");

const page = got(await shop.GET("/orders", { params: { query: { limit: 10, after: id - 1 } } }));
check(page[0]?.id === id, "it is listed");

await shop.DELETE("/products/{id}", { params: product });
const { error, response } = await shop.GET("/products/{id}", { params: product });
check(response.status === 404 && error?.error === "PRODUCT_NOT_FOUND", "the product is gone");

await shop.DELETE("/orders/{id}", { params: order });
check((await shop.GET("/orders/{id}", { params: order })).response.status === 404, "the order is gone");
