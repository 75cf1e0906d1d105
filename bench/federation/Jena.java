// N-Quads file and port -> Jena ARQ on that port; java runs this file as it is, with ARQ's jars.

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import org.apache.jena.query.Dataset;
import org.apache.jena.query.QueryExecution;
import org.apache.jena.query.QueryExecutionFactory;
import org.apache.jena.query.ResultSetFormatter;
import org.apache.jena.riot.RDFDataMgr;

class Jena {
    private static Dataset dataset;

    public static void main(String[] arguments) throws IOException {
        dataset = RDFDataMgr.loadDataset(arguments[0]);
        int port = Integer.parseInt(arguments[1]);
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/sparql", Jena::answer);
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }

    private static void answer(HttpExchange exchange) throws IOException {
        int status = 200;
        byte[] body;
        try {
            body = solutions(query(exchange));
        } catch (RuntimeException failure) {
            status = 500;
            body = failure.toString().getBytes(StandardCharsets.UTF_8);
        }
        String type = status == 200 ? "application/sparql-results+json" : "text/plain";
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static String query(HttpExchange exchange) {
        String given = exchange.getRequestURI().getRawQuery();
        return URLDecoder.decode(given.substring("query=".length()), StandardCharsets.UTF_8);
    }

    private static byte[] solutions(String query) {
        try (QueryExecution execution = QueryExecutionFactory.create(query, dataset)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ResultSetFormatter.outputAsJSON(out, execution.execSelect());
            return out.toByteArray();
        }
    }
}
