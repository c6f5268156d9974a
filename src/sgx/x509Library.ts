// @peculiar/x509 finds its algorithms through tsyringe, which wants this polyfill before it is loaded.
import "reflect-metadata";

export { X509Certificate, X509Crl } from "@peculiar/x509";
