import java.io.*;
import java.util.*;
import org.javarosa.core.model.*;
import org.javarosa.core.model.condition.EvaluationContext;
import org.javarosa.core.model.instance.*;
import org.javarosa.core.model.data.*;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.core.util.JavaRosaCoreModule;
import org.javarosa.xform.parse.XFormParser;
import org.javarosa.xform.util.XFormUtils;
import org.javarosa.xpath.XPathParseTool;
import org.javarosa.xpath.expr.*;

public class Oracle {
    public static void main(String[] args) throws Exception {
        new XFormsModule().registerModule();
        new JavaRosaCoreModule().registerModule();
        FormDef form = XFormUtils.getFormFromInputStream(new FileInputStream(args[0]));
        form.initialize(true, new InstanceInitializationFactory());
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        PrintStream out = new PrintStream(System.out, true, "UTF-8");
        String line;
        while ((line = in.readLine()) != null) {
            try {
                XPathExpression e = XPathParseTool.parseXPath(line);
                EvaluationContext ec = new EvaluationContext(form.getEvaluationContext(), TreeReference.rootRef());
                Object v = XPathFuncExpr.unpack(e.eval(form.getMainInstance(), ec));
                out.println(v.getClass().getSimpleName() + "\t" + XPathFuncExpr.toString(v));
            } catch (Throwable t) { out.println("error\t" + t.getMessage()); }
        }
    }
}
