// google-auth-library as a program uses it: everything comes from the environment. Prints what it got.
import com.google.auth.oauth2.ComputeEngineCredentials;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.auth.oauth2.IdTokenProvider;
import com.google.gson.Gson;
import java.util.ArrayList;
import java.util.LinkedHashMap;

public final class Client {
    public static void main(String[] arguments) throws Exception {
        GoogleCredentials credentials = GoogleCredentials.getApplicationDefault();
        ComputeEngineCredentials compute = (ComputeEngineCredentials) credentials;
        ArrayList<IdTokenProvider.Option> options = new ArrayList<>();
        options.add(IdTokenProvider.Option.FORMAT_FULL);
        options.add(IdTokenProvider.Option.LICENSES_TRUE);
        LinkedHashMap<String, Object> report = new LinkedHashMap<>();
        report.put("client", "google-auth-library for Java");
        report.put("detected", true);
        report.put("email", compute.getAccount());
        report.put("accessToken", compute.refreshAccessToken().getTokenValue());
        report.put("identityToken", compute.idTokenWithAudience(arguments[0], options).getTokenValue());
        System.out.println(new Gson().toJson(report));
    }
}
