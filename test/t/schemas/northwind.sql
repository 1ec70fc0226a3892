-- The traders: keys of two letters and of five, order lines whose key is two foreign keys, junctions of character keys, a
-- hierarchy of employees.
CREATE TABLE customers (customer_id char(5) PRIMARY KEY, company_name varchar(40) NOT NULL, fax varchar(24));
CREATE TABLE customer_demographics (customer_type_id char(10) PRIMARY KEY, customer_desc text);
CREATE TABLE customer_customer_demo (
  customer_id char(5) NOT NULL REFERENCES customers, customer_type_id char(10) NOT NULL REFERENCES customer_demographics,
  PRIMARY KEY (customer_id, customer_type_id));
CREATE TABLE employees (
  employee_id smallint PRIMARY KEY, last_name varchar(20) NOT NULL, reports_to smallint REFERENCES employees, photo bytea);
CREATE TABLE region (region_id smallint PRIMARY KEY, region_description varchar(60) NOT NULL);
CREATE TABLE territories (
  territory_id varchar(20) PRIMARY KEY, territory_description varchar(60) NOT NULL,
  region_id smallint NOT NULL REFERENCES region);
CREATE TABLE employee_territories (
  employee_id smallint NOT NULL REFERENCES employees, territory_id varchar(20) NOT NULL REFERENCES territories,
  PRIMARY KEY (employee_id, territory_id));
CREATE TABLE categories (category_id smallint PRIMARY KEY, category_name varchar(15) NOT NULL);
CREATE TABLE suppliers (supplier_id smallint PRIMARY KEY, company_name varchar(40) NOT NULL);
CREATE TABLE products (
  product_id smallint PRIMARY KEY, product_name varchar(40) NOT NULL, supplier_id smallint REFERENCES suppliers,
  category_id smallint REFERENCES categories, discontinued int NOT NULL);
CREATE TABLE shippers (shipper_id smallint PRIMARY KEY, company_name varchar(40) NOT NULL);
CREATE TABLE orders (
  order_id smallint PRIMARY KEY, customer_id char(5) REFERENCES customers, employee_id smallint REFERENCES employees,
  ship_via smallint REFERENCES shippers, order_date date);
CREATE TABLE order_details (
  order_id smallint NOT NULL REFERENCES orders, product_id smallint NOT NULL REFERENCES products,
  unit_price real NOT NULL, quantity smallint NOT NULL, PRIMARY KEY (order_id, product_id));
CREATE TABLE us_states (state_id smallint PRIMARY KEY, state_name varchar(100), state_abbr varchar(2));
INSERT INTO customers VALUES ('ALFKI', 'Alfreds Futterkiste'), ('BLO', 'Blondesddsl');
INSERT INTO customer_demographics VALUES ('shop', 'A shop');
INSERT INTO employees VALUES (2, 'Fuller', NULL), (1, 'Davolio', 2), (3, 'Leverling', 1);
INSERT INTO region VALUES (1, 'Eastern');
INSERT INTO territories VALUES ('01581', 'Westboro', 1), ('01730', 'Bedford', 1);
INSERT INTO employee_territories VALUES (1, '01581');
INSERT INTO categories VALUES (1, 'Beverages');
INSERT INTO suppliers VALUES (1, 'Exotic Liquids');
INSERT INTO products VALUES (1, 'Chai', 1, 1, 0), (2, 'Chang', 1, 1, 0);
INSERT INTO shippers VALUES (1, 'Speedy Express');
INSERT INTO orders VALUES (10248, 'ALFKI', 1, 1, '1996-07-04'), (10249, 'BLO', 3, 1, '1996-07-05');
INSERT INTO order_details VALUES (10248, 1, 14, 12), (10248, 2, 9.8, 10), (10249, 1, 18.6, 9);
